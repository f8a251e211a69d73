import { rehearse } from '../rehearsal';

rehearse('02-the-l1-penalty');
