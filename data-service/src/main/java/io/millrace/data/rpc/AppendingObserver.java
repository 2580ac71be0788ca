package io.millrace.data.rpc;

import io.grpc.stub.StreamObserver;
import io.millrace.contracts.data.v1.AppendDocumentsRequest;
import io.millrace.contracts.data.v1.AppendDocumentsResponse;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.dataset.DatasetService;
import io.millrace.data.upload.DocumentAppender;
import io.millrace.data.upload.Upload;
import io.millrace.platform.error.MillraceException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of documents. It ends at the first document that is refused; those before it stay, and
 * the status says how many they are. Called by one thread at a time.
 */
final class AppendingObserver implements StreamObserver<AppendDocumentsRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(AppendingObserver.class);

  private final DatasetService datasets;
  private final DocumentAppender appender;
  private final StreamObserver<AppendDocumentsResponse> answer;
  private final @Nullable String key;
  private @Nullable Upload upload;
  private String dataset = "";
  private long received;
  private boolean ended;

  AppendingObserver(
      DatasetService datasets,
      DocumentAppender appender,
      StreamObserver<AppendDocumentsResponse> answer,
      @Nullable String key) {
    this.datasets = datasets;
    this.appender = appender;
    this.answer = answer;
    this.key = key;
  }

  @Override
  public void onNext(AppendDocumentsRequest request) {
    if (ended) {
      return; // The client was told why; what it sent before it knew is not taken.
    }
    try {
      Upload current = upload(request.getDataset());
      for (Document document : request.getDocumentsList()) {
        received++;
        current.append(document);
      }
    } catch (RuntimeException e) {
      end(e);
    }
  }

  @Override
  public void onError(Throwable cancelled) {
    ended = true;
    close();
    LOG.debug("The client gave up after {} documents", received, cancelled);
  }

  @Override
  public void onCompleted() {
    if (ended) {
      return;
    }
    Upload current = upload;
    if (current == null || received == 0) {
      end(MillraceException.invalid("documents", "the stream is empty: it holds no document"));
      return;
    }
    try {
      long accepted = current.finish();
      close();
      answer.onNext(AppendDocumentsResponse.newBuilder().setAccepted(accepted).build());
      answer.onCompleted();
    } catch (RuntimeException e) {
      end(e);
    }
  }

  private Upload upload(String name) {
    Upload current = upload;
    if (current == null) {
      if (name.isEmpty()) {
        throw MillraceException.invalid("dataset", "the first message must name the dataset");
      }
      current = appender.begin(datasets.require(name), key);
      dataset = name;
      upload = current;
    } else if (!name.isEmpty() && !name.equals(dataset)) {
      throw MillraceException.invalid(
          "dataset", "a stream is for one dataset: " + dataset + ", then " + name);
    }
    return current;
  }

  private void end(RuntimeException reason) {
    ended = true;
    Upload current = upload;
    RuntimeException told = reason;
    if (reason instanceof MillraceException refused && current != null) {
      told = current.ended(Upload.about("document " + received, refused));
    }
    close();
    answer.onError(told);
  }

  private void close() {
    if (upload != null) {
      upload.close();
    }
  }
}
