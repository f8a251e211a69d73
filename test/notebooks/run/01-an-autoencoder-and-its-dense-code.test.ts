import { rehearse } from '../rehearsal';

rehearse('01-an-autoencoder-and-its-dense-code');
