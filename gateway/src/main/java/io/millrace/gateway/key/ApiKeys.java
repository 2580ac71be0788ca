package io.millrace.gateway.key;

import io.millrace.input.WellFormedText;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * API keys in PostgreSQL, as digests. Nothing is cached: a revoked key is refused at the next call.
 */
public final class ApiKeys {
  private static final Logger LOG = LoggerFactory.getLogger(ApiKeys.class);

  /** When a key was used last is kept to the minute, so that a call costs no write. */
  private static final Duration LAST_USED_PRECISION = Duration.ofMinutes(1);

  private static final int MAX_NAME = 100;
  private static final byte[] NO_DIGEST = new byte[32];

  private final JdbcClient jdbc;
  private final Clock clock;
  private final RandomGenerator random;

  /**
   * Keys of this gateway.
   *
   * @param random a secure one
   */
  public ApiKeys(JdbcClient jdbc, Clock clock, RandomGenerator random) {
    this.jdbc = jdbc;
    this.clock = clock;
    this.random = random;
  }

  /** What a key may be used for. */
  public enum Scope {
    /** Asking models that serve. */
    INFERENCE,
    /** Everything but keys. */
    USE,
    /** Everything. */
    ADMIN
  }

  /**
   * A key, without its secret.
   *
   * @param prefix what names it
   * @param name what it is for
   * @param scope what it may be used for
   * @param createdAt when it was made
   * @param lastUsedAt to the minute; null: never
   * @param revokedAt null: it is valid
   */
  public record ApiKey(
      String prefix,
      String name,
      Scope scope,
      Instant createdAt,
      @Nullable Instant lastUsedAt,
      @Nullable Instant revokedAt) {

    /** Whether it may do what only administrators may. */
    public boolean isAdministrator() {
      return scope == Scope.ADMIN;
    }

    /** Who calls, as services are told. */
    public String principal() {
      return "key:" + prefix;
    }
  }

  /**
   * A key that was just made.
   *
   * @param key the whole of it, which cannot be read again
   * @param entry what is kept
   */
  public record Created(String key, ApiKey entry) {
    /** Without the key. */
    @Override
    public String toString() {
      return "Created[entry=" + entry + "]";
    }
  }

  /** Makes a key that may be used for everything but keys. */
  public Created create(String name) {
    return create(name, Scope.USE);
  }

  /**
   * Makes a key.
   *
   * @param name what it is for
   * @throws MillraceException INVALID_ARGUMENT if the name is blank, longer than 100 characters, or
   *     has control characters or halves of surrogate pairs
   */
  public Created create(String name, Scope scope) {
    if (name.isBlank() || name.length() > MAX_NAME) {
      throw MillraceException.invalid(
          "name", "name must have 1 to " + MAX_NAME + " characters and not be blank");
    }
    if (name.chars().anyMatch(Character::isISOControl) || !WellFormedText.faultOf(name).isEmpty()) {
      throw MillraceException.invalid(
          "name", "name has characters that are none to be shown: control characters and the like");
    }
    String key = KeyFormat.random(random);
    insert(key, name, scope);
    String prefix = KeyFormat.prefix(key).orElseThrow();
    return new Created(key, find(prefix).orElseThrow().key());
  }

  /**
   * Makes sure that a given key is there, as an administrator's, also if it was made for use. A
   * revoked key stays revoked, which is logged: who revoked it knew why.
   *
   * @throws IllegalArgumentException if it is not of the form of a key, or another key with the
   *     same prefix is there
   */
  public void ensureAdmin(String key, String name) {
    String prefix =
        KeyFormat.prefix(key)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "not an API key: it must be mr_, 10 of a-z0-9, _, 43 of A-Za-z0-9"));
    insert(key, name, Scope.ADMIN);
    Stored stored = find(prefix).orElseThrow();
    if (!MessageDigest.isEqual(stored.sha256, KeyFormat.digest(key))) {
      throw new IllegalArgumentException("there is another API key with the prefix " + prefix);
    }
    if (stored.key.revokedAt() != null) {
      LOG.warn("the API key {} ({}) was revoked and stays so; give another", prefix, name);
    }
    jdbc.sql("update api_key set scope = :scope where prefix = :prefix")
        .param("scope", Scope.ADMIN.name())
        .param("prefix", prefix)
        .update();
  }

  /**
   * The key with this text.
   *
   * @throws MillraceException UNAUTHENTICATED if there is none, or it is revoked; the message does
   *     not tell which
   */
  public ApiKey authenticate(String key) {
    Optional<Stored> stored = KeyFormat.prefix(key).flatMap(this::find);
    // Compared also when there is nothing to compare with, so that time tells nothing.
    boolean same =
        MessageDigest.isEqual(stored.map(Stored::sha256).orElse(NO_DIGEST), KeyFormat.digest(key));
    if (stored.isEmpty() || !same || stored.get().key.revokedAt() != null) {
      throw new MillraceException(ErrorCode.UNAUTHENTICATED, "the API key is not valid");
    }
    ApiKey found = stored.get().key;
    noteUse(found);
    return found;
  }

  /** All keys, oldest first, revoked ones included. */
  public List<ApiKey> list() {
    return jdbc.sql("select * from api_key order by created_at, prefix")
        .query((row, number) -> read(row).key)
        .list();
  }

  /**
   * Revokes a key, once and for all.
   *
   * @throws MillraceException NOT_FOUND
   */
  public void revoke(String prefix) {
    int rows =
        jdbc.sql(
                "update api_key set revoked_at = coalesce(revoked_at, :now) where prefix = :prefix")
            .param("now", Timestamp.from(clock.instant()))
            .param("prefix", prefix)
            .update();
    if (rows == 0) {
      throw MillraceException.notFound("API key", prefix);
    }
  }

  private void insert(String key, String name, Scope scope) {
    jdbc.sql(
            """
            insert into api_key (prefix, sha256, name, scope, created_at)
            values (:prefix, :sha256, :name, :scope, :now) on conflict do nothing
            """)
        .param("prefix", KeyFormat.prefix(key).orElseThrow())
        .param("sha256", KeyFormat.digest(key))
        .param("name", name)
        .param("scope", scope.name())
        .param("now", Timestamp.from(clock.instant()))
        .update();
  }

  private Optional<Stored> find(String prefix) {
    return jdbc.sql("select * from api_key where prefix = :prefix")
        .param("prefix", prefix)
        .query((row, number) -> read(row))
        .optional();
  }

  private void noteUse(ApiKey key) {
    Instant now = clock.instant();
    Instant stale = now.minus(LAST_USED_PRECISION);
    if (key.lastUsedAt() == null || key.lastUsedAt().isBefore(stale)) {
      jdbc.sql("update api_key set last_used_at = :now where prefix = :prefix")
          .param("now", Timestamp.from(now))
          .param("prefix", key.prefix())
          .update();
    }
  }

  private static Stored read(ResultSet row) throws SQLException {
    return new Stored(
        new ApiKey(
            row.getString("prefix"),
            row.getString("name"),
            Scope.valueOf(row.getString("scope")),
            row.getTimestamp("created_at").toInstant(),
            instant(row.getTimestamp("last_used_at")),
            instant(row.getTimestamp("revoked_at"))),
        row.getBytes("sha256"));
  }

  private static @Nullable Instant instant(@Nullable Timestamp time) {
    return time == null ? null : time.toInstant();
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared as a record.
  private record Stored(ApiKey key, byte[] sha256) {}
}
