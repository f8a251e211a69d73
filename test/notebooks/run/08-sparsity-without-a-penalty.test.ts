import { IN_WHOLE_RUN } from '../../support/run';
import { rehearse } from '../rehearsal';

// Its dictionaries are those of lesson 10.
rehearse('08-sparsity-without-a-penalty', IN_WHOLE_RUN);
