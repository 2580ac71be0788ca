package io.millrace.data.tokenizer;

import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.IfPresent;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Tokenizers in the object store, under the digest of their bytes. */
@Component
public class TokenizerStore {
  private final ObjectStore store;

  /** In a store. */
  public TokenizerStore(ObjectStore store) {
    this.store = store;
  }

  /**
   * Stores a tokenizer.json; storing the same bytes again changes nothing.
   *
   * @throws IllegalArgumentException if it is none, or one that cannot be used here
   */
  public TokenizerEntry save(byte[] json) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(json);
    try {
      int unused = tokenizer.endOfDocument();
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    String sha256 = Sha256.of(json);
    String key = "tokenizers/" + sha256 + "/tokenizer.json";
    store.put(key, json, IfPresent.REPLACE);
    return new TokenizerEntry(key, sha256, tokenizer.vocabSize());
  }

  /**
   * Reads a tokenizer.
   *
   * @throws IOException if it is missing or its bytes are not those that were stored
   */
  public Tokenizer load(TokenizerEntry entry) throws IOException {
    byte[] json = store.read(entry.location(), Tokenizer.MAX_BYTES);
    String sha256 = Sha256.of(json);
    if (!sha256.equals(entry.sha256())) {
      throw new IOException(
          "%s has SHA-256 %s, recorded %s".formatted(entry.location(), sha256, entry.sha256()));
    }
    return Tokenizer.read(json);
  }
}
