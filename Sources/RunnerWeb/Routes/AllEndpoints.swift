extension RouteTable {
    /// Everything that the server answers to.
    static let all = RouteTable(
        ServerEndpoints.all + RepositoryEndpoints.all + RunEndpoints.all + LogEndpoints.all + ArtifactEndpoints.all
            + CacheEndpoints.all + StreamEndpoints.all + AccessEndpoints.all + SecretEndpoints.all + HealthEndpoints.all
            + EnvironmentEndpoints.all + DeploymentEndpoints.all + DataEndpoints.all + HookEndpoints.all
    )
}
