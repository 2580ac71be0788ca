package io.millrace.training.trainer;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.trace.Traces;
import io.millrace.training.TrainingProperties;
import io.millrace.training.checkpoint.CheckpointPublisher;
import io.millrace.training.fault.Faults;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the trainer. */
@Configuration(proxyBeanMethods = false)
class TrainerConfiguration {

  @Bean
  Session.Tools sessionTools(
      KafkaClients kafka,
      CheckpointPublisher publisher,
      Faults faults,
      MeterRegistry metrics,
      Traces traces,
      CheckpointAges ages,
      TrainingProperties properties) {
    return new Session.Tools(kafka, publisher, faults, metrics, traces, ages, properties);
  }
}
