import { IN_WHOLE_RUN } from '../../support/run';
import { rehearse } from '../rehearsal';

// Its parts are those of lessons 8 and 10.
rehearse('09-did-it-find-the-right-features', IN_WHOLE_RUN);
