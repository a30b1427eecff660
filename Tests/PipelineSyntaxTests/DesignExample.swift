/// The file that the design shows, with every key of its stages.
let designExample = #"""
    name: ci
    on:
      branches: [develop, "feature/**", "!feature/wip-*"]   # GitHub's `*` (no /), `**`, `!` (last match wins)
      paths: ["Sources/**", "Package.swift"]                # optional; any changed file matches
      # tags: ["v*"] or { semver: ">=1.0.0" } · schedule: [...] · manual: { inputs: {...} }
    env: { LANG: C.UTF-8 }
    concurrency: { group: "ci-${{ ref.name }}", policy: cancel-older }
    stages:
      lint:
        run: swift format lint --strict --recursive Sources Tests        # short for one step
      test:
        matrix: { database: [sqlite, postgres] }
        env: { DB: "${{ matrix.database }}" }
        image: docker.io/library/swift:6.3       # optional: an OCI image
        services: { db: { run: "postgres -D ...", ready: pg_isready, when: "matrix.database == 'postgres'" } }
        resources: { cpu: 2, memory: 4GiB, disk: 10GiB }
        network: host                            # host | none
        timeout: 30m
        retry: { attempts: 2, on: [timed-out, errored] }
        cache: [{ key: "swiftpm-${{ hash('Package.resolved') }}", fallback: ["swiftpm-"], paths: [.build] }]
        steps:
          - { name: unit, run: swift test --xunit-output results.xml }
        reports: { junit: "results*.xml" }
        reuse: { inputs: ["Sources/**", "Tests/**", "Package.*"] }
      package:
        needs: [lint, test]
        run: make package
        artifacts: { app: { paths: ["dist/**"], keep: 30d } }
      staging:
        needs: [package]
        deploy: { environment: staging, artifact: app }
    finally:                                     # runs whatever the outcome, also after cancel
      report: { run: ./tell-the-team, needs-outcome: [failed] }
    """#
