import { rehearse } from '../rehearsal';

rehearse('10-what-is-a-word-made-of');
