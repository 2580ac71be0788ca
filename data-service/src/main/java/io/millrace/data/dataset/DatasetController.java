package io.millrace.data.dataset;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
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

  /** What a caller asks for; {@code kind} is {@code text} or {@code images}. */
  record CreateRequest(
      @Nullable String name,
      @Nullable String kind,
      @Nullable Integer packLength,
      @Nullable Integer imageWidth,
      @Nullable Integer imageHeight,
      @Nullable Double heldoutPercent,
      @Nullable List<String> classes) {}

  /** All datasets. */
  record DatasetList(List<DatasetJson> datasets) {}

  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  DatasetJson create(@RequestBody CreateRequest request) {
    if (request.name() == null) {
      throw MillraceException.invalid("name", "field 'name' is missing");
    }
    return DatasetJson.of(
        datasets.create(
            new NewDataset(
                request.name(),
                kind(request.kind()),
                request.packLength(),
                request.imageWidth(),
                request.imageHeight(),
                request.heldoutPercent(),
                request.classes())));
  }

  @GetMapping
  DatasetList list() {
    return new DatasetList(datasets.list().stream().map(DatasetJson::of).toList());
  }

  @GetMapping("/{name}")
  DatasetJson get(@PathVariable String name) {
    return DatasetJson.of(datasets.status(name));
  }

  @DeleteMapping("/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String name) {
    datasets.delete(name);
  }

  private static DatasetEntry.Kind kind(@Nullable String kind) {
    if (kind == null) {
      return DatasetEntry.Kind.TEXT;
    }
    for (DatasetEntry.Kind known : DatasetEntry.Kind.values()) {
      if (known.name().toLowerCase(Locale.ROOT).equals(kind)) {
        return known;
      }
    }
    throw MillraceException.invalid("kind", "kind must be text or images, not '" + kind + "'");
  }
}
