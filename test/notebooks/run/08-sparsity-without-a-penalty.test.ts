import { rehearse } from '../rehearsal';

rehearse('08-sparsity-without-a-penalty');
