package io.millrace.data.snapshot;

import io.millrace.contracts.Topics;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.topic.SharedTopics;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The topic that sealed snapshots are told on. */
@Configuration(proxyBeanMethods = false)
class SnapshotConfiguration {

  @Bean
  SmartInitializingSingleton datasetEventsTopic(KafkaClients kafka, Topics topics) {
    return () -> kafka.ensureTopic(SharedTopics.of(topics).datasets());
  }
}
