import { rehearse } from '../rehearsal';

rehearse('03-the-kl-penalty');
