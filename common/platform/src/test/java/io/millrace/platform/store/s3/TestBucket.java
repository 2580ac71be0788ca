package io.millrace.platform.store.s3;

import io.millrace.platform.S3Settings;
import io.millrace.testing.S3Server;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import org.springframework.util.unit.DataSize;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A bucket of the S3 server under test, and stores in it.
 *
 * @param endpoint the server's address
 * @param name the bucket's
 * @param prefix put before every key
 */
record TestBucket(URI endpoint, String name, String prefix) {
  /** The smallest that S3 takes. */
  static final int PART_SIZE = 5 << 20;

  static TestBucket fresh() {
    return new TestBucket(TestServers.s3().endpoint(), TestServers.freshBucket(), "some/place");
  }

  /** The same by another address. */
  TestBucket at(URI address) {
    return new TestBucket(address, name, prefix);
  }

  S3Settings settings(Path cache, DataSize cacheSize) {
    return new S3Settings(name, prefix, "", endpoint, true, cache, cacheSize);
  }

  S3Client client(ExecutionInterceptor... interceptors) {
    return S3Clients.builder(settings(Path.of("unused"), DataSize.ofBytes(0)))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(S3Server.ACCESS_KEY, S3Server.SECRET_KEY)))
        .overrideConfiguration(with -> {
          for (ExecutionInterceptor interceptor : interceptors) {
            with.addExecutionInterceptor(interceptor);
          }
        })
        .build();
  }

  S3ObjectStore store(Path cache, ExecutionInterceptor... interceptors) throws IOException {
    return store(cache, Clock.systemUTC(), interceptors);
  }

  S3ObjectStore store(Path cache, Clock clock, ExecutionInterceptor... interceptors)
      throws IOException {
    DataSize cacheSize = DataSize.ofMegabytes(64);
    return new S3ObjectStore(
        client(interceptors),
        S3Bucket.of(settings(cache, cacheSize)),
        new LocalCache(cache, cacheSize.toBytes()),
        PART_SIZE,
        clock);
  }

  /** Where the server keeps an object. */
  Path file(String key) {
    return TestServers.s3().file(name, prefix + "/" + key);
  }
}
