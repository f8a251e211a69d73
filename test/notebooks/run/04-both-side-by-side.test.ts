import { IN_WHOLE_RUN } from '../../support/run';
import { rehearse } from '../rehearsal';

// Its parts are those of lessons 3 and 5.
rehearse('04-both-side-by-side', IN_WHOLE_RUN);
