package io.millrace.platform.kafka;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaFuture;

/** Waits for what the cluster answers to an administrator, and says why it does not. */
final class AdminCalls {
  private final MillraceProperties.Kafka settings;
  private final KafkaFaults faults;

  AdminCalls(MillraceProperties.Kafka settings, KafkaFaults faults) {
    this.settings = settings;
    this.faults = faults;
  }

  /**
   * The answer.
   *
   * @param what was asked, for messages: "cannot ..."
   * @throws MillraceException UNAVAILABLE if there is none in time, FAILED_PRECONDITION if settings
   *     are to blame
   */
  <T> T get(KafkaFuture<T> future, String what) {
    try {
      return future.get(settings.adminTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException timeout) {
        throw unreachable(what, timeout);
      }
      Optional<String> reason = faults.reason(e);
      if (reason.isPresent()) {
        throw new MillraceException(
            ErrorCode.FAILED_PRECONDITION, "cannot " + what + ": " + reason.get(), e.getCause());
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("cannot " + what, e.getCause());
    } catch (TimeoutException e) {
      throw unreachable(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MillraceException(ErrorCode.UNAVAILABLE, "interrupted while trying to " + what, e);
    }
  }

  private MillraceException unreachable(String what, Exception cause) {
    boolean tls = settings.tls().enabled();
    String hint =
        switch (TlsProbe.of(settings.bootstrapServers())) {
          case NOBODY -> "";
          case TLS -> tls ? "" : ": it speaks TLS, set millrace.kafka.tls.enabled";
          case PLAIN -> tls ? ": it does not speak TLS, as millrace.kafka.tls.enabled wants" : "";
        };
    return new MillraceException(
        ErrorCode.UNAVAILABLE,
        "cannot " + what + ": Kafka at " + settings.bootstrapServers() + " does not answer" + hint,
        cause);
  }
}
