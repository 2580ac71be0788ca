package io.millrace.data;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.contracts.Topics;
import io.millrace.data.prepare.PreparationObserver;
import io.millrace.data.prepare.PreparationStep;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Beans of the data service that are no components. */
@Configuration(proxyBeanMethods = false)
class DataConfiguration {

  @Bean
  SmartInitializingSingleton datasetEventsTopic(KafkaClients kafka, Topics topics) {
    return () -> kafka.ensureTopic(TopicSpec.keeping(topics.datasets(), 1));
  }

  @Bean
  PreparationObserver preparationMetrics(MeterRegistry meters) {
    return new DataMetrics.Preparation(meters);
  }

  /** Tests put their faults here. */
  @Bean
  @ConditionalOnMissingBean
  PreparationStep.Listener preparationSteps() {
    return PreparationStep.Listener.NONE;
  }
}
