package io.millrace.platform.store.s3;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/** Digests as S3 and its objects' metadata spell them. */
final class Digests {
  private static final int BUFFER = 1 << 18;

  private Digests() {}

  static MessageDigest sha256() {
    return digest("SHA-256");
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of all that a stream has, hexadecimal. */
  static String sha256(InputStream in) throws IOException {
    return hex(feed(sha256(), in));
  }

  /** What S3 compares with a request's body: MD5, which every server knows, in base 64. */
  static String md5(InputStream in) throws IOException {
    return Base64.getEncoder().encodeToString(feed(digest("MD5"), in).digest());
  }

  private static MessageDigest feed(MessageDigest digest, InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      digest.update(buffer, 0, read);
    }
    return digest;
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }
}
