package io.millrace.data.dataset;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.IntakePolicy.DuplicateIds;
import io.millrace.platform.registry.IntakePolicy.PlainValues;
import io.millrace.platform.security.Caller;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Datasets over REST. */
@RestController
@RequestMapping("/api/datasets")
class DatasetController {
  private final DatasetService datasets;

  DatasetController(DatasetService datasets) {
    this.datasets = datasets;
  }

  /**
   * What a caller asks for; {@code kind} is {@code text}, {@code images} or {@code rows}, {@code
   * duplicate_ids} {@code keep}, {@code reject} or {@code replace}, {@code plain_values} {@code
   * reject}, {@code text} or {@code json}.
   */
  record CreateRequest(
      @Schema(example = "books") @Nullable String name,
      @Schema(
              example = "text",
              allowableValues = {"text", "images", "rows"})
          @Nullable String kind,
      @Nullable Integer packLength,
      @Nullable Integer imageWidth,
      @Nullable Integer imageHeight,
      @Nullable Double heldoutPercent,
      @Nullable List<String> classes,
      @Nullable List<String> columns,
      @Nullable String duplicateIds,
      @Nullable String plainValues,
      @Nullable Double rejectedWarnPercent) {}

  /** What may be changed of a dataset, as it is created with; null where nothing is. */
  record ChangeRequest(
      @Schema(
              example = "text",
              allowableValues = {"reject", "text", "json"})
          @Nullable String plainValues,
      @Nullable Double rejectedWarnPercent) {}

  /** All datasets. */
  record DatasetList(List<DatasetJson> datasets) {}

  @Operation(
      operationId = "createDataset",
      summary = "Create a dataset",
      description =
          "Of texts, with pack_length; of images, with image_width and image_height; or of rows of"
              + " numbers, with columns. With classes, texts and rows need a label, and images may"
              + " have one or boxes. What is left out has a default.")
  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  DatasetJson create(@RequestBody CreateRequest request) {
    if (request.name() == null) {
      throw MillraceException.invalid("name", "field 'name' is missing");
    }
    NewDataset.Kind kind = choice("kind", NewDataset.Kind.class, request.kind());
    return DatasetJson.of(
        datasets.create(
            new NewDataset(
                request.name(),
                kind == null ? NewDataset.Kind.TEXT : kind,
                request.packLength(),
                request.imageWidth(),
                request.imageHeight(),
                request.heldoutPercent(),
                noneIfEmpty(request.classes()),
                noneIfEmpty(request.columns()),
                choice("duplicate_ids", DuplicateIds.class, request.duplicateIds()),
                choice("plain_values", PlainValues.class, request.plainValues()),
                request.rejectedWarnPercent())));
  }

  @Operation(operationId = "listDatasets", summary = "List all datasets")
  @GetMapping
  DatasetList list() {
    return new DatasetList(datasets.list().stream().map(DatasetJson::of).toList());
  }

  @Operation(operationId = "getDataset", summary = "Get a dataset and what became of its documents")
  @GetMapping("/{name}")
  DatasetJson get(@PathVariable String name) {
    return DatasetJson.of(datasets.status(name));
  }

  @Operation(
      operationId = "changeDataset",
      summary = "Change how a dataset takes documents",
      description =
          "What Kafka records without a content type are, and the share of rejected documents that"
              + " snapshots warn of; what is left out stays as it is.")
  @PatchMapping("/{name}")
  DatasetJson change(@PathVariable String name, @RequestBody ChangeRequest request) {
    return DatasetJson.of(
        datasets.change(
            name,
            new DatasetChange(
                choice("plain_values", PlainValues.class, request.plainValues()),
                request.rejectedWarnPercent())));
  }

  @Operation(
      operationId = "deleteDataset",
      summary = "Delete a dataset with its documents, records and snapshots")
  @DeleteMapping("/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(
      @PathVariable String name,
      @RequestParam(defaultValue = "false") boolean force,
      HttpServletRequest request) {
    if (force) {
      Caller.of(request).requireAdministrator("deleting a dataset by force");
    }
    datasets.delete(name, force);
  }

  private static <E extends Enum<E>> @Nullable E choice(
      String field, Class<E> type, @Nullable String wanted) {
    if (wanted == null) {
      return null;
    }
    for (E known : type.getEnumConstants()) {
      if (name(known).equals(wanted)) {
        return known;
      }
    }
    String known =
        Stream.of(type.getEnumConstants())
            .map(DatasetController::name)
            .collect(Collectors.joining(" or "));
    throw MillraceException.invalid(
        field, "%s must be %s, not '%s'".formatted(field, known, wanted));
  }

  /** A list without elements asks for nothing; generated clients send one for what was not set. */
  private static @Nullable List<String> noneIfEmpty(@Nullable List<String> list) {
    return list == null || list.isEmpty() ? null : list;
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
