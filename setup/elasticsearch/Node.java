// One real Elasticsearch node on loopback, for tests and benchmarks; wardwatch/bench/elasticsearch_node.py starts it:
//   java -cp 'lib/*' Node.java HOME DATA HTTP_PORT TRANSPORT_PORT NAME [SEED_PORT,SEED_PORT...]
// Without seed ports it is a cluster of its own; with them, one of a cluster that n1, n2 and n3 form.
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.plugins.PluginsLoader;

public class Node {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Settings.Builder settings = Settings.builder()
            .put("path.home", home)
            .put("path.data", args[1])
            .put("path.logs", args[1] + "/logs")
            .put("cluster.name", "wardwatch-tests")
            .put("node.name", args[4])
            .put("network.host", "127.0.0.1")
            .put("http.port", args[2])
            .put("transport.port", args[3])
            .put("http.type", "netty4")
            .put("transport.type", "netty4")
            .put("node.store.allow_mmap", false);
        if (args.length > 5) {
            settings.putList("discovery.seed_hosts", Arrays.stream(args[5].split(",")).map(port -> "127.0.0.1:" + port).toList());
            settings.putList("cluster.initial_master_nodes", "n1", "n2", "n3");
        } else {
            settings.put("discovery.type", "single-node");
        }
        Environment environment = new Environment(settings.build(), home.resolve("config"));
        LogConfigurator.configureESLogging();
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()),
            PluginsLoader.loadPluginsBundles(environment.pluginsDir()), Map.of(), false);
        new org.elasticsearch.node.Node(environment, plugins).start();
        new CountDownLatch(1).await();
    }
}
