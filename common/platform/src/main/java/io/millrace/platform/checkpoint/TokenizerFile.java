package io.millrace.platform.checkpoint;

import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.store.ObjectStore;
import java.io.IOException;

/** The {@code tokenizer.json} of a dataset in the object store. */
public final class TokenizerFile {

  private TokenizerFile() {}

  /**
   * Reads it and compares its digest with the one that was recorded: texts that are read with
   * another tokenizer are other texts.
   *
   * @param most bytes that it may have
   * @throws IOException if it is missing, or its bytes are not those that were stored
   */
  public static byte[] read(ObjectStore objects, TokenizerEntry entry, int most)
      throws IOException {
    byte[] json = objects.read(entry.location(), most);
    String sha256 = Sha256.of(json);
    if (!sha256.equals(entry.sha256())) {
      throw new IOException(
          "%s has SHA-256 %s, recorded %s".formatted(entry.location(), sha256, entry.sha256()));
    }
    return json;
  }
}
