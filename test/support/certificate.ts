import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder } from './temporary';

/** A server's certificate and its private key, as PEM files. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A new certificate for 127.0.0.1, signed by nobody but itself: who is to trust it must be told. */
export function selfSignedCertificate(): Certificate {
  const folder = temporaryFolder();
  const [certificateFile, keyFile] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile];
  const name = ['-subj', '/CN=sparselab test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...key, '-days', '2', ...name, '-out', certificateFile], {
    stdio: 'ignore',
  });
  return { certificateFile, keyFile };
}
