package io.millrace.inference.openai;

import io.millrace.inference.generate.Completions;
import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
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

  record TokenizeRequest(
      @Schema(example = "writer") @Nullable String model,
      @Schema(example = "Once") @Nullable String prompt) {}

  record TokenizeAnswer(int count, int maxModelLen, int[] tokens) {}

  record DetokenizeRequest(
      @Schema(example = "writer") @Nullable String model,
      @ArraySchema(schema = @Schema(type = "integer"), arraySchema = @Schema(example = "[5, 7, 9]"))
          @Nullable JsonNode tokens) {}

  record DetokenizeAnswer(String prompt) {}

  @Operation(operationId = "tokenize", summary = "Turn a text into token ids of a model")
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

  @Operation(operationId = "detokenize", summary = "Turn token ids of a model into text")
  @PostMapping("/detokenize")
  DetokenizeAnswer detokenize(@RequestBody DetokenizeRequest request) {
    JsonNode tokens = request.tokens();
    if (tokens == null || !tokens.isArray()) {
      throw MillraceException.invalid("tokens", "tokens must be a list of token ids");
    }
    return completions.withRuntime(
        RequestFields.model(request.model()),
        runtime ->
            new DetokenizeAnswer(
                runtime
                    .tokenizer()
                    .decode(RequestFields.ids("tokens", tokens, runtime.tokenizer()))));
  }
}
