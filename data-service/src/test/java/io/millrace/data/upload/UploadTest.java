package io.millrace.data.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.data.v1.Document;
import io.millrace.data.document.DocumentRules;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class UploadTest {
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Upload upload =
      new Upload(
          kafka,
          new DocumentRules(new Content.Text(64, null), 100),
          document -> new ProducerRecord<>("documents", document.toByteArray()),
          null,
          e -> String.valueOf(e.getMessage()));

  @Test
  void countsOnlyWhatComesBeforeTheFirstThatKafkaLost() {
    for (String text : new String[] {"one", "two", "three", "four"}) {
      append(text);
    }
    kafka.completeNext();
    kafka.errorNext(new TimeoutException("no leader"));
    kafka.completeNext();
    kafka.errorNext(new TimeoutException("still none"));
    MillraceException failure = null;
    try {
      append("five");
    } catch (MillraceException e) {
      failure = e;
    }
    assertThat(failure).isNotNull();
    assertThat(upload.acceptedSoFar()).isEqualTo(1);
    assertThat(upload.ended(failure).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(upload.ended(failure))
        .hasMessage(
            "Kafka did not accept a document: no leader"
                + " (the first 1 documents were accepted; go on after them)");
  }

  @Test
  void aRefusedDocumentDoesNotTakeBackThoseBefore() {
    append("one");
    kafka.completeNext();
    assertThatThrownBy(() -> append(" ")).isInstanceOf(MillraceException.class);
    MillraceException refusal = MillraceException.invalid("text", "the text is empty");
    assertThat(upload.ended(Upload.about("line 2", refusal)))
        .hasMessage("line 2: the text is empty (1 documents before it were accepted)");
  }

  private void append(String text) {
    upload.append(Document.newBuilder().setText(text).build());
  }
}
