package io.millrace.data.dataset;

import io.millrace.data.tokenizer.TokenizerService;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Tokenizers over REST: trained in the background (202), or uploaded (200). */
@RestController
class TokenizerController {
  private final TokenizerService tokenizers;
  private final DatasetService datasets;

  TokenizerController(TokenizerService tokenizers, DatasetService datasets) {
    this.tokenizers = tokenizers;
    this.datasets = datasets;
  }

  /**
   * Either of the two; {@code tokenizer_json} is the file's content as an object or as a string.
   */
  record TokenizerRequest(@Nullable Train train, @Nullable JsonNode tokenizerJson) {}

  /** To be trained on the dataset's documents. */
  record Train(@Schema(example = "2048") @Nullable Integer vocabSize) {}

  @Operation(
      operationId = "setTokenizer",
      summary = "Give a dataset of texts its tokenizer",
      description =
          "Trained on its documents in the background (202), or a tokenizer.json of one's own (200)."
              + " It is set once: what is packed was packed with it.")
  @ApiResponse(responseCode = "200", description = "it is set")
  @ApiResponse(responseCode = "202", description = "it is being trained")
  @PostMapping("/api/datasets/{name}/tokenizer")
  ResponseEntity<DatasetJson> set(
      @PathVariable String name, @RequestBody TokenizerRequest request) {
    Train train = request.train();
    JsonNode json = request.tokenizerJson();
    if ((train == null) == (json == null)) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          "either {\"train\": {\"vocab_size\": N}} or {\"tokenizer_json\": ...} is needed");
    }
    if (train != null) {
      Integer size = train.vocabSize();
      if (size == null) {
        throw MillraceException.invalid("train.vocab_size", "train.vocab_size is missing");
      }
      tokenizers.train(name, size);
      return ResponseEntity.accepted().body(DatasetJson.of(datasets.status(name)));
    }
    if (json == null || !(json.isObject() || json.isString())) {
      throw MillraceException.invalid(
          "tokenizer_json", "tokenizer_json must be an object, or a string that holds one");
    }
    tokenizers.upload(name, json.isString() ? json.stringValue() : json.toString());
    return ResponseEntity.ok(DatasetJson.of(datasets.status(name)));
  }
}
