package io.millrace.inference.catalog;

import io.millrace.platform.policy.RetentionJson;
import io.swagger.v3.oas.annotations.Operation;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Which versions of models are kept, and which are not. */
@RestController
class EndingController {
  private final Endings endings;

  EndingController(Endings endings) {
    this.endings = endings;
  }

  @Operation(
      operationId = "setRetention",
      summary = "Say which versions of a model are kept",
      description =
          "The others are deleted soon, but never what serves, is pinned or is needed by a run.")
  @PutMapping("/api/models/{name}/retention")
  RetentionJson setRetention(@PathVariable String name, @RequestBody RetentionJson wanted) {
    endings.setRetention(name, wanted.policy(""));
    return wanted;
  }

  @Operation(
      operationId = "deleteVersion",
      summary = "Delete a version of a model",
      description = "Not one that serves, is pinned or is needed by a run.")
  @DeleteMapping("/api/models/{name}/versions/{version}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void deleteVersion(@PathVariable String name, @PathVariable int version) {
    endings.deleteVersion(name, version);
  }

  @Operation(
      operationId = "deleteModel",
      summary = "Delete a model with all its versions",
      description = "It serves no more. Not one that an unfinished run or an index needs.")
  @DeleteMapping("/api/models/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void deleteModel(@PathVariable String name) {
    endings.deleteModel(name);
  }
}
