import { rehearse } from '../rehearsal';

rehearse('05-tuning');
