package io.millrace.inference.openai;

import io.millrace.inference.generate.Completions;
import io.millrace.platform.error.MillraceException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Texts to token ids and back, with the tokenizer of a model; the shapes are vLLM's. */
@RestController
class TokenController {

  private final Completions completions;

  TokenController(Completions completions) {
    this.completions = completions;
  }

  record TokenizeRequest(@Nullable String model, @Nullable String prompt) {}

  record TokenizeAnswer(int count, int maxModelLen, int[] tokens) {}

  record DetokenizeRequest(@Nullable String model, @Nullable JsonNode tokens) {}

  @PostMapping("/tokenize")
  TokenizeAnswer tokenize(@RequestBody TokenizeRequest request) {
    String prompt = request.prompt();
    if (prompt == null) {
      throw MillraceException.invalid("prompt", "prompt is missing");
    }
    return completions.withRuntime(
        RequestFields.model(request.model()),
        runtime -> {
          int[] ids = runtime.encodePrompt("prompt", prompt);
          return new TokenizeAnswer(ids.length, runtime.model().contextLength(), ids);
        });
  }

  @PostMapping("/detokenize")
  Map<String, String> detokenize(@RequestBody DetokenizeRequest request) {
    JsonNode tokens = request.tokens();
    if (tokens == null || !tokens.isArray()) {
      throw MillraceException.invalid("tokens", "tokens must be a list of token ids");
    }
    return completions.withRuntime(
        RequestFields.model(request.model()),
        runtime ->
            Map.of(
                "prompt",
                runtime
                    .tokenizer()
                    .decode(RequestFields.ids("tokens", tokens, runtime.tokenizer()))));
  }
}
