package io.millrace.platform.store;

import java.io.IOException;

/** An object whose bytes are not those that were stored. */
public final class DamagedObjectException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String key;
  private final String expectedSha256;
  private final String actualSha256;

  /**
   * A damaged object.
   *
   * @param key the object's
   * @param expectedSha256 what was stored, hexadecimal
   * @param actualSha256 what was read
   */
  public DamagedObjectException(String key, String expectedSha256, String actualSha256) {
    super(
        "object %s is damaged: expected SHA-256 %s, found %s"
            .formatted(key, expectedSha256, actualSha256));
    this.key = key;
    this.expectedSha256 = expectedSha256;
    this.actualSha256 = actualSha256;
  }

  /** The object's key. */
  public String key() {
    return key;
  }

  /** What was stored. */
  public String expectedSha256() {
    return expectedSha256;
  }

  /** What was read. */
  public String actualSha256() {
    return actualSha256;
  }
}
