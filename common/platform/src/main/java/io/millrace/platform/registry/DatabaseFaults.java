package io.millrace.platform.registry;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;

/** Why a database cannot be used at the start, and which setting is to blame. */
final class DatabaseFaults {
  private static final String WRONG_PASSWORD = "28P01";
  private static final String NOT_AUTHORISED = "28000";
  private static final String NO_SUCH_DATABASE = "3D000";
  private static final String NO_CONNECTION = "08001";

  private DatabaseFaults() {}

  /** The failure as those who run the platform are told it. */
  static MillraceException atStart(Exception failure) {
    return new MillraceException(
        ErrorCode.FAILED_PRECONDITION, "cannot use the database: " + reason(failure), failure);
  }

  /** Whether the server, or what it shows, was refused: waiting for it changes nothing. */
  static boolean isRefusal(Exception failure) {
    return failure(failure)
        .map(refused ->
            !certificates(refused).isEmpty()
                || List.of(WRONG_PASSWORD, NOT_AUTHORISED)
                    .contains(String.valueOf(refused.getSQLState())))
        .orElse(false);
  }

  private static String reason(Exception failure) {
    return failure(failure)
        .map(DatabaseFaults::reason)
        .orElseGet(() -> String.valueOf(failure.getMessage()));
  }

  private static Optional<PSQLException> failure(Exception failure) {
    return causes(failure)
        .filter(PSQLException.class::isInstance)
        .map(PSQLException.class::cast)
        .findFirst();
  }

  private static String reason(PSQLException failure) {
    String hint =
        switch (String.valueOf(failure.getSQLState())) {
          case WRONG_PASSWORD, NOT_AUTHORISED ->
              "; check spring.datasource.username and spring.datasource.password";
          case NO_SUCH_DATABASE -> "; make it, or change spring.datasource.url";
          case NO_CONNECTION -> "; is it up, and does spring.datasource.url name it?";
          default -> "";
        };
    String certificates = certificates(failure);
    return failure.getMessage() + (certificates.isEmpty() ? hint : certificates);
  }

  /** What is wrong with certificates, or with TLS at all; empty if that is not it. */
  private static String certificates(PSQLException failure) {
    String all = causes(failure).map(String::valueOf).toList().toString().toLowerCase(Locale.ROOT);
    if (all.contains("could not open ssl") || all.contains("could not read ssl")) {
      return "; check sslrootcert, sslcert and sslkey in spring.datasource.url";
    }
    if (all.contains("does not support ssl")) {
      return "; set ssl = on at the server, or change sslmode in spring.datasource.url";
    }
    if (all.contains("could not be verified by hostnameverifier")) {
      return "; its certificate is for another host than spring.datasource.url names";
    }
    if (all.contains("certificate") || all.contains("certpath") || all.contains("pkix")) {
      return "; its certificate has expired, or is from an authority that sslrootcert in"
          + " spring.datasource.url does not have";
    }
    return "";
  }

  /** Failures of one connection attempt may be told as the next of each other. */
  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .limit(20)
        .flatMap(cause ->
            cause instanceof SQLException sql && sql.getNextException() != null
                ? Stream.of(cause, sql.getNextException())
                : Stream.of(cause));
  }
}
