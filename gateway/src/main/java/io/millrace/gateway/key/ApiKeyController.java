package io.millrace.gateway.key;

import io.millrace.gateway.key.ApiKeys.ApiKey;
import io.millrace.gateway.key.ApiKeys.Created;
import io.millrace.gateway.key.ApiKeys.Scope;
import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.time.Instant;
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

/** Keys over REST, for administrators: {@link AdminOnly} sees to that. */
@RestController
@RequestMapping("/api/keys")
final class ApiKeyController {
  private final ApiKeys keys;

  ApiKeyController(ApiKeys keys) {
    this.keys = keys;
  }

  /** What a new key is for; without a scope, for everything but keys. */
  record NewKey(
      @Schema(example = "colleague") @NotBlank String name,
      @Schema(
              example = "use",
              allowableValues = {"inference", "use", "admin"})
          @Nullable String scope) {}

  /** A key; {@code key}, the secret part included, only in the answer to its creation. */
  record KeyView(
      String prefix,
      String name,
      String scope,
      Instant createdAt,
      @Nullable Instant lastUsedAt,
      @Nullable Instant revokedAt,
      @Nullable String key) {

    static KeyView of(ApiKey entry, @Nullable String key) {
      return new KeyView(
          entry.prefix(),
          entry.name(),
          entry.scope().name().toLowerCase(Locale.ROOT),
          entry.createdAt(),
          entry.lastUsedAt(),
          entry.revokedAt(),
          key);
    }
  }

  /** All keys. */
  record KeyList(List<KeyView> keys) {}

  @Operation(
      operationId = "createKey",
      summary = "Make a key",
      description =
          "The whole key is in this answer only. Without a scope, a key may do everything but keys;"
              + " one of the scope inference may ask models and list them, nothing else.")
  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  KeyView create(@Valid @RequestBody NewKey request) {
    Created created = keys.create(request.name(), scope(request.scope()));
    return KeyView.of(created.entry(), created.key());
  }

  @Operation(operationId = "listKeys", summary = "List all keys, the revoked ones too")
  @GetMapping
  KeyList list() {
    return new KeyList(keys.list().stream().map(key -> KeyView.of(key, null)).toList());
  }

  @Operation(operationId = "revokeKey", summary = "Revoke a key at once")
  @DeleteMapping("/{prefix}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void revoke(@PathVariable String prefix) {
    keys.revoke(prefix);
  }

  private static Scope scope(@Nullable String scope) {
    return switch (scope == null ? "use" : scope) {
      case "inference" -> Scope.INFERENCE;
      case "use" -> Scope.USE;
      case "admin" -> Scope.ADMIN;
      default -> throw MillraceException.invalid("scope", "scope is 'inference', 'use' or 'admin'");
    };
  }
}
