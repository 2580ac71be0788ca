package io.millrace.inference;

import io.millrace.contracts.Topics;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.topic.SharedTopics;
import io.millrace.tensor.engine.TensorEngine;
import java.util.List;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the features of the service share. */
@Configuration(proxyBeanMethods = false)
class InferenceConfiguration {

  /** The engine, started with the service, so that a device that is not there is noticed then. */
  @Bean
  TensorEngine tensorEngine(MillraceProperties properties) {
    return TensorEngine.start(properties.engine().device());
  }

  /** Makes the topics that the service reads events from and writes them to. */
  @Bean
  InitializingBean inferenceTopics(KafkaClients kafka, Topics topics) {
    SharedTopics shared = SharedTopics.of(topics);
    return () ->
        List.of(shared.checkpoints(), shared.promotions(), shared.models(), shared.runs())
            .forEach(kafka::ensureTopic);
  }
}
