package io.millrace.inference.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.policy.PolicyJson;
import io.millrace.platform.policy.RetentionJson;
import io.millrace.platform.registry.Promotion;
import io.millrace.platform.registry.PromotionPolicy;
import io.millrace.platform.registry.RetentionPolicy;
import io.millrace.platform.registry.RunRules;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Versions of models, and which of them is to serve. */
@RestController
class VersionController {
  private final Ownership ownership;

  VersionController(Ownership ownership) {
    this.ownership = ownership;
  }

  /**
   * A model's versions, newest first.
   *
   * @param pinned whether new checkpoints do not serve, whatever the policy
   * @param retention which versions are kept, beside those that something needs
   * @param runs with rules of their own, which hold for their versions in place of the model's
   * @param aliases the versions that {@code latest} and {@code stable} mean
   */
  record VersionList(
      String model,
      PolicyJson policy,
      boolean pinned,
      RetentionJson retention,
      List<RunRulesJson> runs,
      Map<String, Integer> aliases,
      List<VersionJson> versions) {

    static VersionList of(Ownership.Owned owned) {
      Map<String, Integer> aliases = new TreeMap<>();
      owned
          .versions()
          .forEach(version ->
              version.aliases().forEach(alias -> aliases.put(alias, version.version().version())));
      return new VersionList(
          owned.model(),
          PolicyJson.of(owned.rule().policy()),
          owned.rule().pinned(),
          RetentionJson.of(owned.retention()),
          owned.runs().stream().map(RunRulesJson::of).toList(),
          aliases,
          owned.versions().stream().map(VersionJson::of).toList());
    }
  }

  /**
   * What a run brought along.
   *
   * @param policy missing: as the model has it
   * @param retention missing: as the model has it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RunRulesJson(
      String runId, @Nullable PolicyJson policy, @Nullable RetentionJson retention) {
    static RunRulesJson of(RunRules.Own rules) {
      PromotionPolicy policy = rules.policy();
      RetentionPolicy retention = rules.retention();
      return new RunRulesJson(
          rules.run(),
          policy == null ? null : PolicyJson.of(policy),
          retention == null ? null : RetentionJson.of(retention));
    }
  }

  /** A version that is to serve. */
  record WantedVersion(@Schema(example = "1") @Nullable Integer version) {}

  /**
   * A version that is to serve from now on.
   *
   * @param reason {@code manual}, {@code pin} or {@code rollback}
   */
  record PromotionJson(String model, int version, long number, String reason) {
    static PromotionJson of(Promotion promotion) {
      return new PromotionJson(
          promotion.version().model(),
          promotion.version().version(),
          promotion.number(),
          promotion.reason());
    }
  }

  @Operation(
      operationId = "listVersions",
      summary = "List a model's versions, and which are to serve")
  @GetMapping("/api/models/{name}/versions")
  VersionList versions(@PathVariable String name) {
    return VersionList.of(ownership.versions(name));
  }

  @Operation(
      operationId = "promoteVersion",
      summary = "Let a version serve, until a new checkpoint does")
  @PostMapping("/api/models/{name}/promote")
  PromotionJson promote(@PathVariable String name, @RequestBody WantedVersion wanted) {
    return PromotionJson.of(ownership.promote(name, required(wanted), /* pin= */ false));
  }

  @Operation(
      operationId = "pinVersion",
      summary = "Let a version serve, whatever new checkpoints there are")
  @PostMapping("/api/models/{name}/pin")
  PromotionJson pin(@PathVariable String name, @RequestBody WantedVersion wanted) {
    return PromotionJson.of(ownership.promote(name, required(wanted), /* pin= */ true));
  }

  @Operation(
      operationId = "unpinModel",
      summary = "Let new checkpoints of a model serve again, as its policy says")
  @PostMapping("/api/models/{name}/unpin")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void unpin(@PathVariable String name) {
    ownership.unpin(name);
  }

  @Operation(
      operationId = "rollBackModel",
      summary = "Let the version serve that served before, and pin it")
  @PostMapping("/api/models/{name}/rollback")
  PromotionJson rollback(@PathVariable String name) {
    return PromotionJson.of(ownership.rollback(name));
  }

  @Operation(
      operationId = "setPolicy",
      summary = "Say which new checkpoints of a model are to serve")
  @PutMapping("/api/models/{name}/policy")
  PolicyJson setPolicy(@PathVariable String name, @RequestBody PolicyJson wanted) {
    ownership.setPolicy(name, wanted.policy(""));
    return wanted;
  }

  private static int required(WantedVersion wanted) {
    Integer version = wanted.version();
    if (version == null) {
      throw MillraceException.invalid("version", "version is missing");
    }
    return version;
  }
}
