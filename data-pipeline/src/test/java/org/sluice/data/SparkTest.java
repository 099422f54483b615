package org.sluice.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** The one Spark session of this module's tests. */
final class SparkTest {
    private static final SparkSession SPARK = SparkSession.builder()
            .master("local[2]")
            .appName("data-pipeline tests")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.warehouse.dir", temporary().toString())
            .config("spark.local.dir", temporary().toString())
            .getOrCreate();

    private SparkTest() {}

    static SparkSession spark() {
        return SPARK;
    }

    static Configuration hadoop() {
        return SPARK.sparkContext().hadoopConfiguration();
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory(Path.of("target"), "spark").toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
