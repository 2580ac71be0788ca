package io.millrace.inference.search;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.inference.embed.Embeddings.PictureInput;
import io.millrace.inference.embed.TextInput;
import io.millrace.inference.picture.DataUrls;
import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Indexes and searches over REST. */
@RestController
class SearchController {

  private final Searches searches;

  SearchController(Searches searches) {
    this.searches = searches;
  }

  /** What a caller wants an index of. */
  record NewIndex(
      @Schema(example = "phrases") @Nullable String name,
      @Schema(example = "writer") @Nullable String model,
      @Schema(example = "books") @Nullable String dataset) {}

  /** An index; {@code trouble} says why filling it does not go on. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record IndexJson(
      String name,
      String model,
      String dataset,
      int modelVersion,
      long items,
      @Nullable String trouble,
      Instant createdAt) {
    static IndexJson of(SearchIndex index) {
      return new IndexJson(
          index.name(),
          index.model(),
          index.dataset(),
          index.modelVersion(),
          index.items(),
          index.trouble(),
          index.createdAt());
    }
  }

  /** All indexes. */
  record IndexList(List<IndexJson> indexes) {}

  /** What to look for: a text, or an image as data URL or base64. */
  record SearchQuery(
      @Schema(example = "phrases") @Nullable String index,
      @Schema(example = "the mill") @Nullable String text,
      @Nullable String image,
      @Nullable Integer limit) {}

  /** A document, with the cosine of its vector and the query's. */
  record SearchResult(String documentId, double score, String text) {
    static SearchResult of(Hit hit) {
      return new SearchResult(hit.documentId(), hit.score(), hit.excerpt());
    }
  }

  /** What was found, best first, among so many items of the index. */
  record SearchAnswer(String index, int modelVersion, long items, List<SearchResult> results) {}

  @Operation(
      operationId = "createIndex",
      summary = "Create an index of a dataset's documents by the vectors of a model",
      description =
          "It is filled from then on: with the documents that are there, with those that come, and"
              + " anew when another version of the model serves.")
  @PostMapping("/api/indexes")
  @ResponseStatus(HttpStatus.CREATED)
  IndexJson create(@RequestBody NewIndex wanted) {
    return IndexJson.of(
        searches.create(
            required("name", wanted.name()),
            required("model", wanted.model()),
            required("dataset", wanted.dataset())));
  }

  @Operation(operationId = "listIndexes", summary = "List all indexes")
  @GetMapping("/api/indexes")
  IndexList list() {
    return new IndexList(searches.list().stream().map(IndexJson::of).toList());
  }

  @Operation(operationId = "getIndex", summary = "Get an index and how full it is")
  @GetMapping("/api/indexes/{name}")
  IndexJson get(@PathVariable String name) {
    return IndexJson.of(searches.get(name));
  }

  @Operation(operationId = "deleteIndex", summary = "Delete an index with its vectors")
  @DeleteMapping("/api/indexes/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String name) {
    searches.delete(name);
  }

  @Operation(
      operationId = "search",
      summary = "Find the documents that are nearest to a text or a picture",
      description = "Every vector of the index is compared, by the cosine.")
  @PostMapping("/api/search")
  SearchAnswer search(@RequestBody SearchQuery query) {
    String index = required("index", query.index());
    String text = query.text();
    String image = query.image();
    Searches.Found found =
        searches.search(
            index,
            text == null ? List.of() : List.of(new TextInput.Written("text", text)),
            image == null
                ? List.of()
                : List.of(new PictureInput("image", DataUrls.decode("image", "image", image))),
            query.limit());
    return new SearchAnswer(
        index,
        found.modelVersion(),
        found.items(),
        found.hits().stream().map(SearchResult::of).toList());
  }

  private static String required(String field, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      throw MillraceException.invalid(field, field + " is missing");
    }
    return value;
  }
}
