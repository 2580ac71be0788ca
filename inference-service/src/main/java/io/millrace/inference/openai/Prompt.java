package io.millrace.inference.openai;

import io.millrace.inference.generate.LanguageRuntime;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A prompt of a completion.
 *
 * @param field where it is in the request, for errors
 * @param text what it says
 */
record Prompt(String field, int[] ids, String text) {

  private static final String FIELD = "prompt";
  private static final int MOST = 2048;

  /**
   * The prompts of a request: of a text or a list of token ids the only one, of a list of these one
   * each.
   *
   * @throws MillraceException INVALID_ARGUMENT or CONTEXT_LENGTH_EXCEEDED
   */
  static List<Prompt> read(LanguageRuntime runtime, @Nullable JsonNode prompt) {
    if (prompt == null || !(prompt.isString() || prompt.isArray())) {
      throw MillraceException.invalid(
          FIELD, "prompt must be a text, a list of token ids, or a list of either");
    }
    boolean several = prompt.isArray() && (prompt.path(0).isString() || prompt.path(0).isArray());
    if (!several) {
      return List.of(one(runtime, FIELD, prompt));
    }
    if (prompt.size() > MOST) {
      throw MillraceException.invalid(
          FIELD, "there are %d prompts, more than %d".formatted(prompt.size(), MOST));
    }
    List<Prompt> prompts = new ArrayList<>(prompt.size());
    boolean texts = prompt.path(0).isString();
    for (int i = 0; i < prompt.size(); i++) {
      JsonNode item = prompt.path(i);
      String field = "%s[%d]".formatted(FIELD, i);
      if (texts ? !item.isString() : !item.isArray()) {
        throw MillraceException.invalid(
            field,
            "%s is not a %s as prompt[0] is"
                .formatted(field, texts ? "text" : "list of token ids"));
      }
      prompts.add(one(runtime, prompt.size() == 1 ? FIELD : field, item));
    }
    return prompts;
  }

  private static Prompt one(LanguageRuntime runtime, String field, JsonNode prompt) {
    if (prompt.isString()) {
      String text = prompt.asString();
      return new Prompt(field, runtime.encodePrompt(field, text), text);
    }
    int[] ids = RequestFields.ids(field, prompt, runtime.tokenizer());
    return new Prompt(field, ids, runtime.tokenizer().decode(ids));
  }
}
