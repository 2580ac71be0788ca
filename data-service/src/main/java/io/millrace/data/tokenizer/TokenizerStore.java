package io.millrace.data.tokenizer;

import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.checkpoint.Sha256;
import io.millrace.platform.checkpoint.TokenizerFile;
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
    return Tokenizer.read(TokenizerFile.read(store, entry, Tokenizer.MAX_BYTES));
  }
}
