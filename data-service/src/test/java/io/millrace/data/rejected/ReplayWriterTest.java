package io.millrace.data.rejected;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.data.HalfOfKafka;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.testing.TestServers;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ReplayWriterTest {

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesNoClientOpenIfTheOtherCannotBeMade(boolean producers) {
    HalfOfKafka transport = new HalfOfKafka(producers);
    MapConfigurationPropertySource settings =
        new MapConfigurationPropertySource(
            Map.of("bootstrap-servers", TestServers.kafka().bootstrapServers()));
    try (KafkaClients kafka =
        new KafkaClients(
            new Binder(settings).bindOrCreate("", Bindable.of(MillraceProperties.Kafka.class)),
            transport)) {
      assertThatThrownBy(() -> Replays.Writer.open(kafka, "client", "name"))
          .isInstanceOf(KafkaException.class)
          .hasMessageContaining("today");
    }
    assertThat(transport.count().open()).isZero();
  }
}
