package io.millrace.training;

import io.millrace.contracts.Topics;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.topic.SharedTopics;
import io.millrace.tensor.engine.DevicePool;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.training.fault.Faults;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the features of the service share. */
@Configuration(proxyBeanMethods = false)
class TrainingConfiguration {

  /** The devices of runs, started with the service, so that one that is missing is noticed then. */
  @Bean
  DevicePool<TensorEngine> devices(MillraceProperties properties) {
    return DevicePool.start(properties.engine().device());
  }

  @Bean
  @ConditionalOnMissingBean
  Faults faults() {
    return Faults.NONE;
  }

  @Bean
  Supplier<UUID> runIds() {
    return UUID::randomUUID;
  }

  /** Makes the topics that the service writes events to. */
  @Bean
  InitializingBean trainingTopics(KafkaClients kafka, Topics topics) {
    SharedTopics shared = SharedTopics.of(topics);
    return () -> List.of(shared.runs(), shared.checkpoints()).forEach(kafka::ensureTopic);
  }
}
