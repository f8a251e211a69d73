import { rehearse } from '../rehearsal';

rehearse('07-reading-the-features');
