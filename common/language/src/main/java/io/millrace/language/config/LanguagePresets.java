package io.millrace.language.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * Configurations with a name: three of our own, and two published ones (arXiv 2405.04434, appendix
 * B, and arXiv 2412.19437, section 4.2), each a {@code config.json} beside this class.
 */
public final class LanguagePresets {

  /** All of them, the smallest first. */
  public static final List<String> NAMES = List.of("nano", "micro", "small", "v2-lite", "v3");

  private static final String V2_LITE = "v2-lite";

  private LanguagePresets() {}

  /**
   * The shape of a preset with the vocabulary that its file names, to be counted.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static LanguageConfig shape(String name) {
    String known = name.toLowerCase(Locale.ROOT);
    if (!NAMES.contains(known)) {
      throw new IllegalArgumentException(
          "there is no preset '%s' of a language model: use one of %s"
              .formatted(name, String.join(", ", NAMES)));
    }
    String file = "presets/" + known + ".json";
    try (InputStream json = LanguagePresets.class.getResourceAsStream(file)) {
      if (json == null) {
        throw new IllegalStateException(file + " is missing in this build");
      }
      return ConfigFile.shape(json.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /**
   * A preset for a vocabulary, to be trained.
   *
   * @throws IllegalArgumentException if there is none of that name, or the decoder computes
   *     something else than that model
   */
  static LanguageConfig trainable(String name, int vocabSize, int eosTokenId) {
    LanguageConfig shape = shape(name);
    if (name.toLowerCase(Locale.ROOT).equals(V2_LITE)) {
      throw new IllegalArgumentException(
          "preset v2-lite can be planned, not run: its gates are a softmax over all experts (DeepSeek-V2), this decoder computes DeepSeek-V3's sigmoid gates");
    }
    return shape.withVocabulary(vocabSize, eosTokenId);
  }
}
