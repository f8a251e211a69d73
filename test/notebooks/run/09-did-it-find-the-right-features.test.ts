import { rehearse } from '../rehearsal';

rehearse('09-did-it-find-the-right-features');
