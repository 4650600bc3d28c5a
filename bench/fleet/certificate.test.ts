import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeCertificate } from './certificate.ts';

test('the certificate is self-signed for loopback, and valid now and for an hour', () => {
  const now = new Date('2026-01-31T12:00:00Z');
  const certificate = new X509Certificate(makeCertificate(now).certificate);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.validFromDate.getTime()).toBe(now.getTime() - 3_600_000);
  expect(certificate.validToDate.getTime()).toBe(now.getTime() + 3_600_000);
  expect(certificate.ca).toBe(true);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
});

test('the key matches the certificate', () => {
  const { certificate, privateKey } = makeCertificate();
  expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
});
