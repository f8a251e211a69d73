import { rehearse } from '../rehearsal';

rehearse('06-monitoring');
