import { IN_WHOLE_RUN } from '../../support/run';
import { rehearse } from '../rehearsal';

// Its dictionaries are those of lesson 10.
rehearse('09-did-it-find-the-right-features', IN_WHOLE_RUN);
