package io.millrace.platform.store.s3;

import io.millrace.platform.S3Settings;
import io.millrace.platform.error.MillraceException;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes clients of S3. */
final class S3Clients {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Of silence; completing a large upload takes a server long. */
  private static final Duration READ_TIMEOUT = Duration.ofMinutes(2);

  private S3Clients() {}

  static S3ClientBuilder builder(S3Settings settings) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_TIMEOUT)
                    .socketTimeout(READ_TIMEOUT))
            .credentialsProvider(DefaultCredentialsProvider.builder().build())
            .forcePathStyle(settings.pathStyle())
            // Many servers know none of the SDK's trailing checksums. What is sent carries its MD5,
            // and what is read is compared with the SHA-256 of the object's metadata.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .region(region(settings));
    if (settings.endpoint() != null) {
      if (settings.endpoint().getScheme() == null || settings.endpoint().getHost() == null) {
        throw MillraceException.precondition(
            "millrace.objects.s3.endpoint is '"
                + settings.endpoint()
                + "': it must be an address such as http://minio:9000");
      }
      builder.endpointOverride(settings.endpoint());
    }
    return builder;
  }

  private static Region region(S3Settings settings) {
    if (!settings.region().isEmpty()) {
      return Region.of(settings.region());
    }
    if (settings.endpoint() != null) {
      return Region.US_EAST_1;
    }
    try {
      return DefaultAwsRegionProviderChain.builder().build().getRegion();
    } catch (SdkClientException e) {
      throw MillraceException.precondition(
          "millrace.objects.s3.region must be set: neither AWS_REGION nor anything else names one");
    }
  }
}
