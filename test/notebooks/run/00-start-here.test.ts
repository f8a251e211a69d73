import { rehearse } from '../rehearsal';

rehearse('00-start-here');
