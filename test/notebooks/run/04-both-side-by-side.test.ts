import { rehearse } from '../rehearsal';

rehearse('04-both-side-by-side');
