package io.millrace.platform;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * A bucket, prefix {@code millrace.objects.s3}. Credentials are no settings: they come from the
 * standard chain of the AWS SDK.
 *
 * @param bucket its name; it must exist
 * @param prefix put before every key, with a {@code /} between; empty: none
 * @param region empty: that of the standard chain ({@code AWS_REGION} and so on), or {@code
 *     us-east-1} with an endpoint
 * @param endpoint address of a server other than AWS's own, e.g. {@code http://minio:9000}
 * @param pathStyle whether the bucket is part of the path rather than of the host's name
 * @param cache directory for files on their way to and from the bucket; made if it does not exist
 * @param cacheSize most bytes of files that are kept there for the next reader
 */
public record S3Settings(
    @DefaultValue("") String bucket,
    @DefaultValue("") String prefix,
    @DefaultValue("") String region,
    @Nullable URI endpoint,
    @DefaultValue("false") boolean pathStyle,
    @DefaultValue("object-cache") Path cache,
    @DefaultValue("8GB") DataSize cacheSize) {}
