package io.millrace.data.snapshot;

import io.millrace.contracts.Topics;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The topic that sealed snapshots are told on. */
@Configuration(proxyBeanMethods = false)
class SnapshotConfiguration {

  @Bean
  SmartInitializingSingleton datasetEventsTopic(KafkaClients kafka, Topics topics) {
    return () -> kafka.ensureTopic(TopicSpec.keeping(topics.datasets(), 1));
  }
}
