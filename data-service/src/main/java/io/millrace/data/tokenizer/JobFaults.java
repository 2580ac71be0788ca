package io.millrace.data.tokenizer;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import java.nio.file.FileSystemException;
import org.apache.kafka.common.KafkaException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/** Tells failures of a job that another try may mend from those that end it. */
final class JobFaults {
  private final KafkaClients kafka;

  JobFaults(KafkaClients kafka) {
    this.kafka = kafka;
  }

  /** Whether something that the job needs does not work now, as opposed to the job itself. */
  static boolean isMendable(Throwable failure) {
    return switch (failure) {
      // A permission that is missing, too: it can be given while the job waits.
      case KafkaException _ -> true;
      case MillraceException e -> e.code() == ErrorCode.UNAVAILABLE;
      case FileSystemException _ -> true;
      case DataAccessResourceFailureException _ -> true;
      case TransientDataAccessException _ -> true;
      case RecoverableDataAccessException _ -> true;
      case TransactionException _ -> true;
      default -> false;
    };
  }

  /** The failure for those who asked for the tokenizer. */
  String reason(Throwable failure) {
    if (failure instanceof KafkaException e) {
      return kafka.reason(e);
    }
    String message = failure.getMessage();
    return message == null || failure instanceof Error || failure instanceof FileSystemException
        ? failure.toString()
        : message;
  }
}
